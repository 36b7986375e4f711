"""Encryption of what people wrote: a data key for each person, kept outside the database.

``envelope`` is the cipher, ``ring`` the keys in their bucket, ``repository`` what the database knows of them, ``words``
what repositories use, ``rotation`` new keys for old, ``shredding`` the end of one, ``ledger`` the age of every key.
"""
