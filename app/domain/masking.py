"""A NameID as the person at the door may see it: enough to recognise, too little to harvest."""


def masked(name_id: str) -> str:
    """Return the first character, three dots, and the domain of an e-mail address.

    “anna.larsen@northwind.example” becomes “a…@northwind.example”, “00042” becomes “0…”.
    """
    name, at, domain = name_id.strip().rpartition("@")
    if not at:
        name, domain = domain, ""
    return f"{name[:1]}…{at}{domain[:100]}"
