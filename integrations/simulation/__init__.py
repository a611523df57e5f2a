"""What the simulators share: a kept journal, webhooks with a retry ladder, faults, long polls.

Simulators are public and strict: they refuse what the real provider refuses, so that a
test or a demo that passes here has met the provider's rules.
"""
