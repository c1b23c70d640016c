// An answer as the text it means: Markdown, with its code in blocks that can be copied. Loads nothing, runs nothing.
#pragma once

#include <QString>
#include <QVBoxLayout>
#include <QVector>
#include <QWidget>

namespace dubito::chat {

/// A stretch of an answer: words, or what stands between two fences.
struct MarkdownPart {
    bool isCode = false;
    QString language, text;
};
/// Parts in order; a fence that is still open counts as code.
QVector<MarkdownPart> markdownParts(const QString& text);

/// Pictures become their words, HTML stays text, a link asks before it opens. Text beyond a size that is quickly laid
/// out stands as it is.
class MarkdownView : public QWidget {
    Q_OBJECT
public:
    explicit MarkdownView(QWidget* parent = nullptr);
    void setText(const QString& text);  ///< costs only what changed
    QSize minimumSizeHint() const override { return {40, QWidget::minimumSizeHint().height()}; }

protected:
    void changeEvent(QEvent* event) override;

private:
    void show(const QVector<MarkdownPart>& parts);
    QVBoxLayout* m_column;
    QString m_text;
    QVector<MarkdownPart> m_parts;
    QVector<QWidget*> m_views;
};

}  // namespace dubito::chat
