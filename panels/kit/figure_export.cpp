// Widgets paint what they hold; a page is drawn anew for every device, so vectors stay vectors.
#include "kit/figure_export.h"

#include <QAbstractButton>
#include <QAbstractScrollArea>
#include <QAbstractSpinBox>
#include <QApplication>
#include <QBuffer>
#include <QComboBox>
#include <QLineEdit>
#include <QPainter>
#include <QPdfWriter>
#include <QScrollBar>
#include <QSplitterHandle>
#include <QSvgGenerator>

#include <cmath>

#include "kit/colours.h"

namespace dubito::kit {
namespace {

constexpr double kMargin = 12, kGap = 6, kInch = 96, kPdfDots = 1200;
constexpr double kMostPixels = 2e8;  ///< of one picture
constexpr int kLongestWord = 60;
constexpr int kCaptureScale = 3;

/// What is drawn meanwhile takes its colours from the light palette; no event comes in between.
class InLight {
public:
    InLight() : m_before(themeKind()) { setThemeKind(ThemeKind::Light); }
    ~InLight() { setThemeKind(m_before); }
    InLight(const InLight&) = delete;

private:
    ThemeKind m_before;
};

QFont pageFont(int pixels, int weight) {
    QFont font(QApplication::font().family());
    font.setPixelSize(pixels);
    font.setWeight(static_cast<QFont::Weight>(weight));
    font.setHintingPreference(QFont::PreferNoHinting);
    return font;
}
QFont titleFont() { return pageFont(14, QFont::DemiBold); }
QFont captionLineFont() { return pageFont(11, QFont::Normal); }

constexpr int kWrap = Qt::TextWordWrap | Qt::TextWrapAnywhere | Qt::AlignLeft | Qt::AlignTop;

double heightOf(const QString& text, const QFont& font, double width) {
    if (text.isEmpty()) return 0;
    return std::ceil(QFontMetricsF(font).boundingRect(QRectF(0, 0, width, 1e6), kWrap, text).height());
}

struct PageParts {
    double title = 0, caption = 0;
};

PageParts partsOf(const FigurePage& page) {
    const double width = page.plot.width();
    return {heightOf(page.figure->title, titleFont(), width),
        heightOf(page.figure->caption.join(QLatin1Char('\n')), captionLineFont(), width)};
}

/// Where one works, not what one sees.
bool isChrome(const QWidget* widget) {
    return qobject_cast<const QScrollBar*>(widget) || qobject_cast<const QLineEdit*>(widget) ||
           qobject_cast<const QComboBox*>(widget) || qobject_cast<const QAbstractSpinBox*>(widget) ||
           qobject_cast<const QAbstractButton*>(widget) || qobject_cast<const QSplitterHandle*>(widget) ||
           widget->property("role").toString() == QLatin1String("choice");
}

void paintContent(QPainter& painter, QWidget* widget, QPoint at, const QRect& shown) {
    widget->render(&painter, at + shown.topLeft(), QRegion(shown), QWidget::DrawWindowBackground);
    for (QObject* object : widget->children()) {
        auto* child = qobject_cast<QWidget*>(object);
        if (!child || child->isHidden() || child->isWindow() || isChrome(child)) continue;
        const QRect part = child->rect() & shown.translated(-child->pos());
        if (!part.isEmpty()) paintContent(painter, child, at + child->pos(), part);
    }
}

}  // namespace

double FigurePage::sides() { return 2 * kMargin; }

QSizeF FigurePage::size() const {
    const PageParts parts = partsOf(*this);
    return {plot.width() + 2 * kMargin, plot.height() + 2 * kMargin + (parts.title > 0 ? parts.title + kGap : 0) +
                                            (parts.caption > 0 ? parts.caption + kGap : 0)};
}

void FigurePage::draw(QPainter& painter) const {
    const InLight light;
    const Palette& c = palette();
    const PageParts parts = partsOf(*this);
    const QSizeF all = size();
    painter.setRenderHints(QPainter::Antialiasing | QPainter::TextAntialiasing);
    painter.fillRect(QRectF({0, 0}, all), c.surface);
    const QRectF room(kMargin, kMargin + (parts.title > 0 ? parts.title + kGap : 0), plot.width(), plot.height());
    painter.save();
    painter.setFont(captionLineFont());
    painter.translate(room.topLeft());
    painter.setClipRect(QRectF({0, 0}, plot));
    if (figure->draw) figure->draw(painter, plot);
    painter.restore();
    // Not every device clips: what a figure drew past its edge lies below the margins.
    painter.setPen(Qt::NoPen);
    painter.fillRect(QRectF(0, 0, all.width(), room.top()), c.surface);
    painter.fillRect(QRectF(0, room.bottom(), all.width(), all.height() - room.bottom()), c.surface);
    painter.fillRect(QRectF(0, room.top(), kMargin, room.height()), c.surface);
    painter.fillRect(QRectF(room.right(), room.top(), kMargin, room.height()), c.surface);
    painter.setFont(titleFont());
    painter.setPen(c.text);
    painter.drawText(QRectF(kMargin, kMargin, plot.width(), parts.title + 1), kWrap, figure->title);
    painter.setFont(captionLineFont());
    painter.setPen(c.sub);
    painter.drawText(QRectF(kMargin, room.bottom() + kGap, plot.width(), parts.caption + 1), kWrap,
        figure->caption.join(QLatin1Char('\n')));
}

QImage figureImage(const FigurePage& page, double dotsPerInch) {
    const double scale = dotsPerInch / kInch;
    const QSizeF size = page.size() * scale;
    if (!(size.width() >= 1 && size.height() >= 1 && size.width() * size.height() <= kMostPixels)) return {};
    QImage out(QSize(static_cast<int>(std::ceil(size.width())), static_cast<int>(std::ceil(size.height()))),
        QImage::Format_RGB32);
    if (out.isNull()) return {};
    out.fill(Qt::white);
    const int dotsPerMetre = static_cast<int>(std::lround(dotsPerInch / 0.0254));
    QPainter painter(&out);
    painter.scale(scale, scale);
    page.draw(painter);
    painter.end();
    // Afterwards: fonts follow a picture's resolution while one draws on it.
    out.setDotsPerMeterX(dotsPerMetre);
    out.setDotsPerMeterY(dotsPerMetre);
    return out;
}

QByteArray figureSvg(const FigurePage& page) {
    const QSizeF size = page.size();
    QBuffer out;
    QSvgGenerator svg;
    svg.setOutputDevice(&out);
    svg.setResolution(static_cast<int>(kInch));
    svg.setSize(QSize(static_cast<int>(std::ceil(size.width())), static_cast<int>(std::ceil(size.height()))));
    svg.setViewBox(QRectF({0, 0}, size));
    svg.setTitle(page.figure->title);
    svg.setDescription(page.figure->caption.join(QLatin1Char('\n')));
    QPainter painter;
    if (!painter.begin(&svg)) return {};
    page.draw(painter);
    painter.end();
    return out.data();
}

QByteArray figuresPdf(const QVector<FigurePage>& pages, const QString& title) {
    QBuffer out;
    out.open(QIODevice::WriteOnly);
    QPdfWriter pdf(&out);
    pdf.setTitle(title);
    pdf.setCreator(QStringLiteral("Dubito"));
    pdf.setResolution(static_cast<int>(kPdfDots));
    QPainter painter;
    for (const FigurePage& page : pages) {
        pdf.setPageLayout(
            QPageLayout(QPageSize(page.size() * 72.0 / kInch, QPageSize::Point, {}, QPageSize::ExactMatch),
                QPageLayout::Portrait, QMarginsF(0, 0, 0, 0)));
        if (!painter.isActive() ? !painter.begin(&pdf) : !pdf.newPage()) return {};
        painter.save();
        painter.scale(kPdfDots / kInch, kPdfDots / kInch);
        page.draw(painter);
        painter.restore();
    }
    painter.end();
    return out.data();
}

Result<void> writeFigureCsv(const Figure& figure, store::Database& database, const fs::path& path,
    const std::atomic<bool>& cancelled, const std::function<void(std::uint64_t)>& told) {
    if (!figure.writeCsv) return Error(Code::Unsupported, "this figure has no numbers of its own");
    DUBITO_TRY(auto file, AtomicFile::create(path));
    DUBITO_CHECK(figure.writeCsv(database, [&](const QString& piece) -> Result<void> {
        if (cancelled.load()) return Error(Code::Cancelled, "stopped before all was written");
        const QByteArray bytes = piece.toUtf8();
        DUBITO_CHECK(file.write(asBytes({bytes.constData(), static_cast<std::size_t>(bytes.size())})));
        if (told) told(file.written());
        return {};
    }));
    return file.commit();
}

Figure pictureOf(QWidget* widget, const QString& id, const DataTable& table) {
    Figure out;
    out.id = id;
    out.title = table.title;
    out.size = widget->size().expandedTo({1, 1});
    QPixmap picture(widget->size().expandedTo({1, 1}) * kCaptureScale);
    picture.setDevicePixelRatio(kCaptureScale);
    picture.fill(palette().surface);
    QPainter painter(&picture);
    paintContent(painter, widget, {}, widget->rect());
    painter.end();
    out.draw = [picture](QPainter& onto, QSizeF size) {
        const QSizeF whole = QSizeF(picture.size()).scaled(size, Qt::KeepAspectRatio);
        onto.setRenderHint(QPainter::SmoothPixmapTransform);
        onto.drawPixmap(QRectF({0, 0}, whole), picture, QRectF(picture.rect()));
    };
    if (!table.columns.isEmpty())
        out.writeCsv = [table](store::Database&, const std::function<Result<void>(const QString&)>& write) {
            return write(table.asText(QLatin1Char(',')));
        };
    return out;
}

QString fileWord(const QString& text) {
    QString out;
    for (const QChar c : text) {
        if (out.size() >= kLongestWord) break;
        const bool isPlain = c.isLetterOrNumber() || c == QLatin1Char('_') || c == QLatin1Char('.');
        if (isPlain && !(c == QLatin1Char('.') && out.isEmpty())) out += c;
        else if (!out.isEmpty() && !out.endsWith(QLatin1Char('-'))) out += QLatin1Char('-');
    }
    while (out.endsWith(QLatin1Char('-')) || out.endsWith(QLatin1Char('.'))) out.chop(1);
    return out;
}

}  // namespace dubito::kit
