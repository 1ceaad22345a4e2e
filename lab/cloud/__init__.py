"""Stand-ins for the clouds: Pulumi providers over gRPC whose objects live in `lab.world`."""
