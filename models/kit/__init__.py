"""What the models of several domains share."""
