// XTest: events that the server itself cannot tell from those of a mouse and a keyboard.
#include <QThread>

#include "support/hand.h"

#include <X11/XKBlib.h>
#include <X11/Xatom.h>
#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <X11/extensions/XTest.h>
#include <X11/keysym.h>
#undef None
#undef Bool

namespace dubito::tests {
namespace {

constexpr int kBreathMs = 25;        ///< between two events of a hand
constexpr int kDoubleClickMs = 700;  ///< longer than any toolkit takes two clicks for one

KeySym symbolOf(const QString& name) {
    static const QHash<QString, KeySym> named{{"Ctrl", XK_Control_L}, {"Shift", XK_Shift_L}, {"Alt", XK_Alt_L},
        {"Enter", XK_Return}, {"Esc", XK_Escape}, {"Del", XK_Delete}, {"PgDown", XK_Next}, {"PgUp", XK_Prior},
        {"Space", XK_space}, {"Backspace", XK_BackSpace}, {"Tab", XK_Tab}};
    if (const auto found = named.find(name); found != named.end()) return *found;
    if (name.size() == 1) {
        const ushort code = name[0].unicode();
        return code < 0x100 ? code : 0x01000000u | code;
    }
    return XStringToKeysym(name.toLatin1().constData());
}

}  // namespace

struct Hand::Display {
    ::Display* x = nullptr;
    ::Window root = 0;
    int spare = 0;  ///< a key code that no key uses, for letters of no keyboard

    ~Display() {
        if (x) XCloseDisplay(x);
    }
    void send(unsigned code, bool isDown) {
        XTestFakeKeyEvent(x, code, isDown, CurrentTime);
        XFlush(x);
        QThread::msleep(4);
    }
    /// The key of a symbol and whether Shift makes it.
    std::pair<unsigned, bool> keyOf(KeySym symbol) {
        const unsigned code = XKeysymToKeycode(x, symbol);
        if (code && XkbKeycodeToKeysym(x, static_cast<KeyCode>(code), 0, 0) == symbol) return {code, false};
        if (code && XkbKeycodeToKeysym(x, static_cast<KeyCode>(code), 0, 1) == symbol) return {code, true};
        if (!spare) {
            int low = 0, high = 0, each = 0;
            XDisplayKeycodes(x, &low, &high);
            KeySym* all = XGetKeyboardMapping(x, static_cast<KeyCode>(low), high - low + 1, &each);
            for (int i = high; i >= low && !spare; --i)
                if (all[(i - low) * each] == NoSymbol) spare = i;
            XFree(all);
        }
        KeySym both[] = {symbol, symbol};
        XChangeKeyboardMapping(x, spare, 2, both, 1);
        XSync(x, False);
        QThread::msleep(120);  // programs learn of the new key by an event of its own
        return {static_cast<unsigned>(spare), false};
    }
};

std::unique_ptr<Hand> Hand::create(const QString& display) {
    auto out = std::make_unique<Display>();
    out->x = XOpenDisplay(display.toLatin1().constData());
    int unused = 0;
    if (!out->x || !XTestQueryExtension(out->x, &unused, &unused, &unused, &unused)) return {};
    out->root = DefaultRootWindow(out->x);
    XSetErrorHandler([](::Display*, XErrorEvent*) { return 0; });  // a window may go while it is looked at
    return std::unique_ptr<Hand>(new Hand(std::move(out)));
}
Hand::Hand(std::unique_ptr<Display> display) : m_display(std::move(display)) {}
Hand::~Hand() = default;

bool Hand::hasWindowManager() const {
    const Atom check = XInternAtom(m_display->x, "_NET_SUPPORTING_WM_CHECK", False);
    Atom type = 0;
    int format = 0;
    unsigned long items = 0, rest = 0;
    unsigned char* data = nullptr;
    XGetWindowProperty(
        m_display->x, m_display->root, check, 0, 1, False, XA_WINDOW, &type, &format, &items, &rest, &data);
    if (data) XFree(data);
    return items == 1;
}

QSize Hand::size() const {
    const int screen = DefaultScreen(m_display->x);
    return {DisplayWidth(m_display->x, screen), DisplayHeight(m_display->x, screen)};
}

void Hand::move(QPoint to) {
    const QPoint from = m_at;
    for (int i = 1; i <= 3; ++i) {
        const QPoint on = from + (to - from) * i / 3;
        XTestFakeMotionEvent(m_display->x, -1, on.x(), on.y(), CurrentTime);
        XFlush(m_display->x);
        QThread::msleep(8);
    }
    m_at = to;
}

void Hand::button(int number, bool isDown) {
    XTestFakeButtonEvent(m_display->x, static_cast<unsigned>(number), isDown, CurrentTime);
    XFlush(m_display->x);
    QThread::msleep(kBreathMs);
}

void Hand::click(QPoint at, int number) {
    move(at);
    const bool isNear = (at - m_clicked).manhattanLength() < 12;
    while (isNear && m_sinceClick.isValid() && m_sinceClick.elapsed() < kDoubleClickMs) QThread::msleep(20);
    QThread::msleep(2 * kBreathMs);
    button(number, true), button(number, false);
    m_clicked = at;
    m_sinceClick.start();
}

void Hand::doubleClick(QPoint at) {
    click(at);
    button(1, true), button(1, false);
    m_sinceClick.start();
}

void Hand::drag(QPoint from, QPoint to) {
    move(from);
    button(1, true);
    for (int i = 1; i <= 4; ++i) move(from + (to - from) * i / 4), QThread::msleep(kBreathMs);
    button(1, false);
}

void Hand::wheel(QPoint at, int notches) {
    move(at);
    for (int i = 0; i < std::abs(notches); ++i) {
        const int number = notches > 0 ? 5 : 4;
        button(number, true), button(number, false);
    }
}

void Hand::stroke(unsigned long symbol) {
    const auto [code, isShifted] = m_display->keyOf(symbol);
    const unsigned shift = XKeysymToKeycode(m_display->x, XK_Shift_L);
    if (isShifted) m_display->send(shift, true);
    m_display->send(code, true), m_display->send(code, false);
    if (isShifted) m_display->send(shift, false);
}

void Hand::key(const QString& keys) {
    QStringList parts = keys == QLatin1String("+") ? QStringList{keys} : keys.split(QLatin1Char('+'));
    const QString last = parts.takeLast();
    std::vector<unsigned> held;
    for (const QString& part : parts) held.push_back(XKeysymToKeycode(m_display->x, symbolOf(part)));
    for (const unsigned code : held) m_display->send(code, true);
    stroke(symbolOf(last.size() == 1 && !parts.isEmpty() ? last.toLower() : last));
    for (auto code = held.rbegin(); code != held.rend(); ++code) m_display->send(*code, false);
    QThread::msleep(kBreathMs);
}

void Hand::type(const QString& text) {
    for (const QChar letter : text) stroke(letter == QLatin1Char('\n') ? XK_Return : symbolOf(QString(letter)));
    QThread::msleep(kBreathMs);
}

bool Hand::bringUp(qint64 pid) {
    ::Display* x = m_display->x;
    const Atom list = XInternAtom(x, "_NET_CLIENT_LIST", 0), owner = XInternAtom(x, "_NET_WM_PID", 0);
    const auto numbers = [x](Window window, Atom name, Atom wanted) {
        Atom type = 0;
        int format = 0;
        unsigned long items = 0, rest = 0;
        unsigned char* data = nullptr;
        XGetWindowProperty(x, window, name, 0, 1024, 0, wanted, &type, &format, &items, &rest, &data);
        const auto* first = reinterpret_cast<const unsigned long*>(data);
        std::vector<unsigned long> out(first, format == 32 ? first + items : first);
        if (data) XFree(data);
        return out;
    };
    for (const unsigned long window : numbers(m_display->root, list, XA_WINDOW)) {
        const auto pids = numbers(window, owner, XA_CARDINAL);
        if (pids.empty() || static_cast<qint64>(pids[0]) != pid) continue;
        constexpr long kFromATaskBar = 2;
        XEvent event{};
        event.xclient.type = ClientMessage;
        event.xclient.window = window;
        event.xclient.message_type = XInternAtom(x, "_NET_ACTIVE_WINDOW", 0);
        event.xclient.format = 32;
        event.xclient.data.l[0] = kFromATaskBar;
        XSendEvent(x, m_display->root, 0, SubstructureRedirectMask | SubstructureNotifyMask, &event);
        XFlush(x);
        return true;
    }
    return false;
}

bool Hand::hasPopup() const {
    constexpr int kSmallest = 80;  // a tool tip is none
    Window root = 0, parent = 0, *all = nullptr;
    unsigned count = 0;
    bool out = false;
    XQueryTree(m_display->x, m_display->root, &root, &parent, &all, &count);
    for (unsigned i = 0; i < count; ++i) {
        XWindowAttributes now{};
        if (!XGetWindowAttributes(m_display->x, all[i], &now)) continue;
        out |= now.override_redirect && now.map_state == IsViewable && now.width > kSmallest && now.height > kSmallest;
    }
    if (all) XFree(all);
    return out;
}

QImage Hand::picture() const {
    XSync(m_display->x, False);
    const QSize whole = size();
    XImage* image = XGetImage(m_display->x, m_display->root, 0, 0, static_cast<unsigned>(whole.width()),
        static_cast<unsigned>(whole.height()), AllPlanes, ZPixmap);
    if (!image) return {};
    QImage out;
    if (image->bits_per_pixel == 32)
        out = QImage(reinterpret_cast<const uchar*>(image->data), whole.width(), whole.height(), image->bytes_per_line,
            QImage::Format_RGB32)
                  .copy();
    XDestroyImage(image);
    return out;
}

}  // namespace dubito::tests
