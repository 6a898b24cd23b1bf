"""What comes in from outside, read so that a stranger's bytes do no harm: files of bounded size, strict JSON and YAML.

Everything that is refused is a `Problem` with its place. The readers of JSON and YAML take bytes and return values; of
this room only `files` and `folder` touch the disk, and these only read.
"""
