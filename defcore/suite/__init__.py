"""The API conformance tests, shipped in the wheel: `pytest --pyargs defcore.suite --defcore-cloud NAME`."""
