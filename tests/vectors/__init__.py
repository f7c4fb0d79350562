"""Responses kept as files, and the script that wrote them."""
