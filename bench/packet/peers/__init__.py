"""The programs that the packet path is measured beside."""
