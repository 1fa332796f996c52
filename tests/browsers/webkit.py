"""Drives WebKitGTK windows: python3 webkit.py PROFILE [--private] [--quota BYTES]

The profile outlives the browser, unless the windows are private: then nothing is written to it. The quota is what an
origin may store.

Reads a JSON object per line from standard input, {"id", "method", ...}, and writes {"id", "result"} or
{"id", "error"} to file descriptor 3; standard output is left to the browser. Ends with its input.
"""

import argparse
import glob
import json
import os
import signal
import sqlite3
import sys
import threading

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
from gi.repository import GLib, Gtk, WebKit2  # noqa: E402

ANSWERS = os.fdopen(3, "w", buffering=1)


class Window:
    def __init__(self, view):
        self.view = view
        self.opened = []
        self.view.get_settings().set_enable_write_console_messages_to_stdout(True)
        self.view.connect("load-changed", self.load_changed)
        self.view.connect("load-failed", self.load_failed)
        self.view.connect("web-process-terminated", self.terminated)
        self.view.connect("script-dialog", self.accept_dialog)
        self.view.connect("create", self.open_window)
        self.view.connect("permission-request", self.answer_request)
        self.window = Gtk.Window()
        self.window.set_default_size(1024, 768)
        self.window.add(self.view)
        self.window.show_all()
        self.loading = None
        self.is_cancelled = False
        self.ended = None
        self.evaluations = set()

    def load(self, begin, reply):
        if self.loading:
            self.loading(error="Another navigation took its place")
        self.loading = reply
        begin()

    def load_changed(self, view, event):
        # WebKit answers a call into a document that is gone only when its garbage is collected.
        if event == WebKit2.LoadEvent.COMMITTED:
            self.ended = None
            self.fail_evaluations("NavigationError", "The page was left meanwhile")
        if event == WebKit2.LoadEvent.FINISHED and self.is_cancelled:
            self.is_cancelled = False
        elif event == WebKit2.LoadEvent.FINISHED and self.loading:
            reply, self.loading = self.loading, None
            reply(result=None)

    def load_failed(self, view, event, uri, error):
        # Another took its place, which may be the one that is waited for.
        self.is_cancelled = error.matches(WebKit2.network_error_quark(), WebKit2.NetworkError.CANCELLED)
        if self.loading and not self.is_cancelled:
            reply, self.loading = self.loading, None
            reply(error=f"{uri} did not load: {error.message}")
        return True

    def accept_dialog(self, view, dialog):
        if dialog.get_dialog_type() != WebKit2.ScriptDialogType.ALERT:
            dialog.confirm_set_confirmed(True)
        return True

    def open_window(self, view, action):
        """The page has called window.open(), and may."""
        self.opened.append(Window(WebKit2.WebView.new_with_related_view(view)))
        return self.opened[-1].view

    def answer_request(self, view, request):
        if not isinstance(request, WebKit2.NotificationPermissionRequest):
            return False
        request.allow()
        return True

    def terminated(self, view, reason):
        self.ended = f"The web process has ended: {reason.value_nick}"
        print(self.ended, file=sys.stderr, flush=True)
        if self.loading:
            reply, self.loading = self.loading, None
            reply(error=self.ended)
        self.fail_evaluations("NavigationError", self.ended)

    def fail_evaluations(self, name, message):
        failed, self.evaluations = self.evaluations, set()
        for reply in failed:
            reply(result=json.dumps({"error": {"name": name, "message": message}}))

    def evaluate(self, body, reply):
        def done(view, result):
            try:
                answer = {"result": view.call_async_javascript_function_finish(result).to_string()}
            except GLib.Error as error:
                # Of a process that has ended, WebKit says "Unsupported result type".
                answer = {"error": self.ended or error.message}
            if reply in self.evaluations:
                self.evaluations.remove(reply)
                reply(**answer)

        self.evaluations.add(reply)
        self.view.call_async_javascript_function(body, -1, None, None, None, None, done)

    def screenshot(self, file, reply):
        def done(view, result):
            try:
                view.get_snapshot_finish(result).write_to_png(file)
                reply(result=None)
            except GLib.Error as error:
                reply(error=error.message)

        region, options = WebKit2.SnapshotRegion.VISIBLE, WebKit2.SnapshotOptions.NONE
        self.view.get_snapshot(region, options, None, done)

    def close(self, reply):
        def done(view):
            self.window.destroy()
            reply(result=None)

        self.view.connect("close", done)
        self.view.try_close()


def has_stored(profile, scope):
    for file in glob.glob(os.path.join(profile, "data", "serviceworkers", "*.sqlite3")):
        try:
            connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=0.1)
            found = connection.execute("SELECT 1 FROM Records WHERE substr(key, -length(?)) = ?", (scope, scope))
            if found.fetchone():
                return True
        except sqlite3.OperationalError:
            pass  # It is being made, or locked.
    return False


def share_of_disk(directory, size):
    disk = os.statvfs(directory)
    return size / (disk.f_frsize * disk.f_blocks)


def data_manager(profile, is_private, quota):
    kept = {} if is_private else {name: os.path.join(profile, name) for name in ("data", "cache")}
    return WebKit2.WebsiteDataManager(
        is_ephemeral=is_private,
        **{f"base_{name}_directory": directory for name, directory in kept.items()},
        **({"origin_storage_ratio": share_of_disk(profile, quota)} if quota else {}),
    )


class Program:
    def __init__(self, profile, is_private, quota):
        self.profile = profile
        manager = data_manager(profile, is_private, quota)
        self.context = WebKit2.WebContext.new_with_website_data_manager(manager)
        self.windows = []

    def handle(self, command):
        id, method = command["id"], command["method"]

        def reply(**answer):
            ANSWERS.write(json.dumps({"id": id, **answer}) + "\n")

        if method == "ready":
            reply(result=None)
        elif method == "open":
            self.windows.append(Window(WebKit2.WebView.new_with_context(self.context)))
            reply(result=len(self.windows) - 1)
        elif method == "stored":
            reply(result=has_stored(self.profile, command["scope"]))
        else:
            window = self.windows[command["window"]]
            if method == "goto":
                window.load(lambda: window.view.load_uri(command["url"]), reply)
            elif method == "reload":
                window.load(window.view.reload, reply)
            elif method == "evaluate":
                window.evaluate(command["body"], reply)
            elif method == "screenshot":
                window.screenshot(command["file"], reply)
            elif method == "crash":
                window.view.terminate_web_process()
                reply(result=None)
            elif method == "close":
                window.close(reply)
            else:
                reply(error=f"There is no method {method}")
        return GLib.SOURCE_REMOVE


def main():
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    parser = argparse.ArgumentParser()
    parser.add_argument("profile")
    parser.add_argument("--private", action="store_true")
    parser.add_argument("--quota", type=int)
    options = parser.parse_args()
    program = Program(options.profile, options.private, options.quota)

    def read():
        for line in sys.stdin:
            GLib.idle_add(program.handle, json.loads(line))
        GLib.idle_add(Gtk.main_quit)

    threading.Thread(target=read, daemon=True).start()
    Gtk.main()


main()
