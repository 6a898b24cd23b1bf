"""`python -m defcore`."""

from defcore.cli import main

main()
