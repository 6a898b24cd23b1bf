"""What the network API promises."""
