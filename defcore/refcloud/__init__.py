"""The reference cloud: the real OpenStack services on this machine's loopback address, without privilege.

    from defcore.refcloud import reference_clouds_file   # the clouds.yaml of the user's own reference cloud
    from defcore.refcloud.cloud import Cloud             # up, status, tail, follow, down, wipe

`defcore cloud up` makes an environment from `requirements.txt`, writes the configuration from `etc/`, starts
`services/refcloud_services` in it and waits. All that a cloud knows and holds is in one state folder.
"""

from defcore.refcloud.state import reference_clouds_file, state_dir

__all__ = ["reference_clouds_file", "state_dir"]
