"""The policy service: administrators decide who may have a page, and every change is kept."""
