"""The lab's DNS: a real authoritative server over the records of the stand-ins."""
