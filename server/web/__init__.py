"""HTTP beside the socket (PROTOCOL.md, section 9)."""
