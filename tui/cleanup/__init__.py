"""Cleaning up by hand: what is chosen, planned, refused, moved away, written down, and put back."""
