"""Takes letters in: from mailboxes, folders and hands;
examines, registers and forwards them. Never approves, never delivers.
"""
