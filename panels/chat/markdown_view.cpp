// Answers are a stranger's text: the document cannot fetch, and no HTML is read.
#include "chat/markdown_view.h"

#include <QAbstractTextDocumentLayout>
#include <QApplication>
#include <QClipboard>
#include <QDesktopServices>
#include <QEvent>
#include <QFrame>
#include <QImage>
#include <QLabel>
#include <QMessageBox>
#include <QPushButton>
#include <QRegularExpression>
#include <QTextBlock>
#include <QTextBrowser>
#include <QTextDocument>
#include <QUrl>
#include <QWheelEvent>

#include <cmath>

#include "kit/colours.h"
#include "kit/controls.h"

namespace dubito::chat {
namespace {

/// Laying out more than this in one go would be felt.
constexpr qsizetype kMostMarkdown = 20'000;

/// Asked for any resource it answers with an empty picture, and so never looks for one.
class ClosedDocument : public QTextDocument {
public:
    using QTextDocument::QTextDocument;

protected:
    QVariant loadResource(int, const QUrl&) override {
        static const QImage kNothing(1, 1, QImage::Format_ARGB32);
        return kNothing;
    }
};

class Words : public QTextBrowser {
public:
    Words() {
        setDocument(new ClosedDocument(this));
        setFrameShape(QFrame::NoFrame);
        setOpenLinks(false);
        setOpenExternalLinks(false);
        setTabChangesFocus(true);
        setUndoRedoEnabled(false);
        setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
        setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
        viewport()->setAutoFillBackground(false);
        document()->setDocumentMargin(0);
        connect(document()->documentLayout(), &QAbstractTextDocumentLayout::documentSizeChanged, this,
            [this] { setFixedHeight(static_cast<int>(std::ceil(document()->size().height()))); });
        connect(this, &QTextBrowser::anchorClicked, this, [this](const QUrl& url) { ask(url); });
    }
    void setMarkdownText(const QString& text) {
        if (text.size() > kMostMarkdown) return setPlainText(text);
        document()->setMarkdown(text,
            QTextDocument::MarkdownFeatures(QTextDocument::MarkdownDialectGitHub) | QTextDocument::MarkdownNoHTML);
        wordPictures();
    }
    QSize sizeHint() const override { return {240, height()}; }
    QSize minimumSizeHint() const override { return {24, 0}; }

protected:
    QVariant loadResource(int, const QUrl&) override { return QVariant(QString()); }
    void wheelEvent(QWheelEvent* event) override { event->ignore(); }

private:
    /// What the page holds instead of a picture, and code in the font of code.
    void wordPictures() {
        struct Piece {
            int at, length;
            QString words;
        };
        QVector<Piece> pictures, codes;
        for (QTextBlock block = document()->begin(); block.isValid(); block = block.next())
            for (auto it = block.begin(); !it.atEnd(); ++it) {
                const QTextFragment fragment = it.fragment();
                const QTextCharFormat format = fragment.charFormat();
                const Piece piece{
                    fragment.position(), fragment.length(), format.property(QTextFormat::ImageAltText).toString()};
                if (format.isImageFormat()) pictures.append(piece);
                else if (format.fontFixedPitch()) codes.append(piece);
            }
        QTextCursor cursor(document());
        const auto select = [&cursor](const Piece& piece) {
            cursor.setPosition(piece.at);
            cursor.setPosition(piece.at + piece.length, QTextCursor::KeepAnchor);
        };
        QTextCharFormat mono;
        mono.setFontFamilies(kit::monoFont().families());
        for (const Piece& piece : codes) {
            select(piece);
            cursor.mergeCharFormat(mono);
        }
        for (auto piece = pictures.rbegin(); piece != pictures.rend(); ++piece) {
            select(*piece);
            cursor.insertText(
                QStringLiteral("[%1]").arg(piece->words.isEmpty() ? MarkdownView::tr("picture") : piece->words),
                QTextCharFormat());
        }
    }
    void ask(const QUrl& url) {
        auto* box = new QMessageBox(QMessageBox::Question, MarkdownView::tr("A link in the answer"),
            MarkdownView::tr("The model wrote this address. Nothing is known of what is there."), QMessageBox::NoButton,
            window());
        box->setAttribute(Qt::WA_DeleteOnClose);
        box->setTextFormat(Qt::PlainText);
        constexpr int kMostShown = 300;
        const QString address = url.toString(QUrl::FullyEncoded);
        box->setInformativeText(kit::breakable(address.left(kMostShown)));
        auto* copy = box->addButton(MarkdownView::tr("Copy the address"), QMessageBox::AcceptRole);
        // Only what a browser is for: no file, no program.
        const bool isWeb = url.scheme() == QLatin1String("https") || url.scheme() == QLatin1String("http");
        auto* open = isWeb ? box->addButton(MarkdownView::tr("Open in the browser"), QMessageBox::ActionRole) : nullptr;
        box->setDefaultButton(box->addButton(QMessageBox::Cancel));
        connect(box, &QMessageBox::buttonClicked, this, [copy, open, address, url](QAbstractButton* pressed) {
            if (pressed == static_cast<QAbstractButton*>(copy)) QApplication::clipboard()->setText(address);
            else if (open && pressed == static_cast<QAbstractButton*>(open)) QDesktopServices::openUrl(url);
        });
        box->open();
    }
};

class Code : public QFrame {
public:
    Code() : m_language(new QLabel), m_words(new Words), m_copy(new QPushButton(MarkdownView::tr("Copy"))) {
        setProperty("role", "card");
        m_language->setProperty("role", "faint");
        m_language->setTextFormat(Qt::PlainText);
        m_words->setFont(kit::monoFont());
        m_words->setAccessibleName(MarkdownView::tr("Code"));
        m_copy->setAccessibleName(MarkdownView::tr("Copy the code"));
        auto* head = new QHBoxLayout;
        head->addWidget(m_language, 1);
        head->addWidget(m_copy);
        auto* column = new QVBoxLayout(this);
        column->setContentsMargins(10, 4, 6, 8);
        column->setSpacing(4);
        column->addLayout(head);
        column->addWidget(m_words);
        connect(m_copy, &QPushButton::clicked, this, [this] { QApplication::clipboard()->setText(m_code); });
    }
    void setCode(const MarkdownPart& part) {
        m_language->setText(part.language);
        m_code = part.text;
        m_words->setPlainText(part.text.endsWith(QLatin1Char('\n')) ? part.text.chopped(1) : part.text);
    }

private:
    QLabel* m_language;
    Words* m_words;
    QPushButton* m_copy;
    QString m_code;
};

}  // namespace

QVector<MarkdownPart> markdownParts(const QString& text) {
    static const QRegularExpression kFence(QStringLiteral("^ {0,3}(`{3,}|~{3,})\\s*([^`]*)$"));
    constexpr int kMostLanguage = 24;
    QVector<MarkdownPart> out;
    QString fence;
    for (const QString& line : text.split(QLatin1Char('\n'))) {
        const auto found = kFence.match(line);
        if (fence.isEmpty() && found.hasMatch()) {
            fence = found.captured(1);
            out.append({true, found.captured(2).simplified().section(QLatin1Char(' '), 0, 0).left(kMostLanguage), {}});
            continue;
        }
        if (!fence.isEmpty() && found.hasMatch() && found.captured(1).startsWith(fence) &&
            found.captured(2).trimmed().isEmpty()) {
            fence.clear();
            out.append(MarkdownPart());
            continue;
        }
        if (out.isEmpty()) out.append(MarkdownPart());
        out.last().text += line + QLatin1Char('\n');
    }
    out.removeIf([](const MarkdownPart& part) { return !part.isCode && part.text.trimmed().isEmpty(); });
    return out;
}

MarkdownView::MarkdownView(QWidget* parent) : QWidget(parent), m_column(new QVBoxLayout(this)) {
    m_column->setContentsMargins(0, 0, 0, 0);
    m_column->setSpacing(6);
}

void MarkdownView::setText(const QString& text) {
    if (text == m_text) return;
    m_text = text;
    show(markdownParts(text));
}

void MarkdownView::show(const QVector<MarkdownPart>& parts) {
    while (m_views.size() > parts.size()) delete m_views.takeLast();
    for (int i = 0; i < parts.size(); ++i) {
        const MarkdownPart& part = parts[i];
        const bool isKind = i < m_views.size() && m_parts[i].isCode == part.isCode;
        if (isKind && m_parts[i].text == part.text && m_parts[i].language == part.language) continue;
        if (!isKind) {
            if (i < m_views.size()) delete m_views[i];
            QWidget* made = part.isCode ? static_cast<QWidget*>(new Code) : static_cast<QWidget*>(new Words);
            m_column->insertWidget(i, made);
            if (i < m_views.size()) m_views[i] = made;
            else m_views.append(made);
        }
        if (part.isCode) static_cast<Code*>(m_views[i])->setCode(part);
        else static_cast<Words*>(m_views[i])->setMarkdownText(part.text);
    }
    m_parts = parts;
}

void MarkdownView::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    // Colours of links and code stand in the document.
    if (event->type() == QEvent::PaletteChange && !m_parts.isEmpty()) {
        const QVector<MarkdownPart> parts = std::exchange(m_parts, {});
        qDeleteAll(m_views);
        m_views.clear();
        show(parts);
    }
}

}  // namespace dubito::chat
