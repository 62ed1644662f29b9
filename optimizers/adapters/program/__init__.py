"""Optimizers that are programs of their own, in any language: ``exec:COMMAND``; the protocol is in ``protocol.md``."""
