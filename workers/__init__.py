"""What takes time or happens later."""
