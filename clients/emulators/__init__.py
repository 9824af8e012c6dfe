"""The other side of outside services, for development and tests: each speaks the real wire protocol."""
