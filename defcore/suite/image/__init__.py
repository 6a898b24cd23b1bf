"""What the image API promises."""
