"""What runs inside the reference cloud's own environment.

This folder is put on PYTHONPATH there, so that `refcloud_services` is found without defcore and without the
packages that defcore itself needs. Nothing here is imported by the rest of defcore.
"""
