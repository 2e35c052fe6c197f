"""`python -m samepic`."""

from samepic.cli import main

main()
