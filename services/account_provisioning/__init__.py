"""Official e-mail accounts: takes applications, has them reviewed, and sees to it that the directory has what was
approved. It never keeps a secret, and takes over nothing in a directory that it did not make.
"""
