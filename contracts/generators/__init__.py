"""What is generated from the registry; `python -m contracts` writes it."""
