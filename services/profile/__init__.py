"""Who a civil servant is: the governments of the province, their units, and everyone employed in them."""

__version__ = "0.1.0"
