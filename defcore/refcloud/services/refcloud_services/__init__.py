"""Runs keystone, glance, placement, nova, neutron, cinder and swift, each project in one process."""
