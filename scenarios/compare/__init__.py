"""Two forwarders side by side: the same batches through both, and what each of them sent compared."""
