"""The screens of telephony."""
