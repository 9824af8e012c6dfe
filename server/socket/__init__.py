"""Sockets: connections, lanes, topics, catching up. It knows no domain."""
