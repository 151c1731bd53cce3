"""Wrong fakes and wrong forwarders, made out of the register: a gate that lets one of them pass proves nothing."""
