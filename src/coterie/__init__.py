"""Coterie finds the customer segments in a store's own data, says how real they are, and turns each into a campaign."""

__version__ = "0.1.0"
