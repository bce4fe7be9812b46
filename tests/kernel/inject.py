"""Sends raw packets for the tests of tests/kernel.

Arguments: interfaces to send frames on, or `out` to send IP packets from this host. Reads from standard input: a count,
then as many frames, each as interface index (1 byte), length (2 bytes, big endian) and bytes. Answers `.` when a batch
is sent.
"""

import socket
import struct
import sys

MARK = 77


def frame_sender(name):
    port = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    port.bind((name, 0))
    return port.send


def host_sender():
    senders = {}
    for version, family in ((4, socket.AF_INET), (6, socket.AF_INET6)):
        raw = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, MARK)
        senders[version] = raw

    def send(packet):
        if packet[0] >> 4 == 4:
            target = (socket.inet_ntop(socket.AF_INET, packet[16:20]), 0)
        else:
            target = (socket.inet_ntop(socket.AF_INET6, packet[24:40]), 0)
        try:
            senders[packet[0] >> 4].sendto(packet, target)
        except PermissionError:
            pass  # how the kernel tells the sender that its own firewall dropped the packet

    return send


def main():
    if sys.argv[1] == "out":
        senders = [host_sender()]
    else:
        senders = [frame_sender(name) for name in sys.argv[1:]]
    read = sys.stdin.buffer.read
    sys.stdout.write("r")
    sys.stdout.flush()
    while True:
        head = read(4)
        if len(head) < 4:
            return
        for _ in range(struct.unpack(">I", head)[0]):
            index, length = struct.unpack(">BH", read(3))
            senders[index](read(length))
        sys.stdout.write(".")
        sys.stdout.flush()


main()
