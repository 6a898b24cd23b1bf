"""nova's own fake hypervisor, and the parts of it that a tenant would miss.

The snapshot of a server becomes an image with data (nova's driver leaves it queued for ever), a server can be
resized on the only host, and servers are still there after a restart.
"""

import io

from nova.compute import power_state
from nova.image import glance
from nova.virt import fake


class Hypervisor(fake.FakeDriverWithoutFakeNodes):
    capabilities = {
        **fake.FakeDriver.capabilities,
        "supports_migrate_to_same_host": True,
        "supports_image_type_qcow2": True,
    }

    def snapshot(self, context, instance, image_id, update_task_state):
        super().snapshot(context, instance, image_id, update_task_state)
        images = glance.API()
        image = {"disk_format": "raw", "container_format": "bare", "status": "active"}
        image["properties"] = images.get(context, image_id).get("properties", {})
        disk = f"disk of {instance.uuid}\n".encode().ljust(4096, b"\0")
        images.update(context, image_id, image, io.BytesIO(disk))

    def get_info(self, instance, use_cache=True):
        if instance.uuid not in self.instances and instance.power_state is not None:
            self._adopt(instance)
        return super().get_info(instance, use_cache)

    def plug_vifs(self, instance, network_info):
        """nova calls this for each of its servers when the compute service starts."""
        if instance.uuid not in self.instances:
            self._adopt(instance)
        for vif in network_info:
            self._interfaces[vif["id"]] = vif

    def _adopt(self, instance):
        """Pretend again to run a server that an earlier process pretended to run."""
        flavor = instance.flavor
        self.resources.claim(vcpus=flavor.vcpus, mem=flavor.memory_mb, disk=flavor.root_gb)
        stopped = instance.power_state == power_state.SHUTDOWN
        state = power_state.SHUTDOWN if stopped else power_state.RUNNING
        self.instances[instance.uuid] = fake.FakeInstance(instance.name, state, instance.uuid)
