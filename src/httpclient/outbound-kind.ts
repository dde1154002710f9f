/** Who connects: each kind of client has its own rules about where it may go (`outbound` in the access file). */
export type OutboundKind = 'scrape' | 'discovery' | 'remote' | 'alerting' | 'receivers' | 'probes' | 'oidc' | 'vault';
