"""Results that are stored: many of them in one table."""
