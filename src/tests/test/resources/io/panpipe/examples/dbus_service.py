# Copyright 2026 The Panpipe authors
# SPDX-License-Identifier: Apache-2.0
#
# A service that answers with descriptors, in python3-dbus. Prints a line when it can be called.
import os
import sys
import tempfile

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

NAME = 'io.panpipe.Example'


class Files(dbus.service.Object):

    @dbus.service.method(NAME, in_signature='s', out_signature='h')
    def Pipe(self, text):
        reading, writing = os.pipe()
        with open(writing, 'w') as sink:
            sink.write(text)
        return self.sent(reading)

    @dbus.service.method(NAME, out_signature='h')
    def File(self):
        with tempfile.TemporaryFile() as file:
            file.write(b'in a file without a name\n')
            file.flush()
            return dbus.types.UnixFd(file)

    @dbus.service.method(NAME, in_signature='s', out_signature='hhh')
    def Three(self, text):
        return [self.sent(os.memfd_create('three')) for i in range(3)]

    @dbus.service.method(NAME, in_signature='s', out_signature='s')
    def Text(self, text):
        return text

    @dbus.service.method(NAME)
    def Refuse(self):
        raise dbus.DBusException('not today', name=NAME + '.Refused')

    @dbus.service.method(NAME)
    def Vanish(self):
        os._exit(0)

    @staticmethod
    def sent(descriptor):
        ours = dbus.types.UnixFd(descriptor)
        os.close(descriptor)
        return ours


dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
bus = dbus.bus.BusConnection(os.environ['DBUS_SESSION_BUS_ADDRESS'])
name = dbus.service.BusName(NAME, bus)
files = Files(bus, '/files')
print('ready', flush=True)
GLib.MainLoop().run()
