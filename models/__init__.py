"""The tables, and the rules of the business as their methods."""
