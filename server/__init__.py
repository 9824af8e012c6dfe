"""The process and the contract."""
