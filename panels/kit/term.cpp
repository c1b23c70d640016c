// The sentences stand here, their translations in the catalogue. One filter serves all words.
#include "kit/term.h"

#include <QCoreApplication>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QLabel>
#include <QPainter>
#include <QPointer>
#include <QStyle>
#include <QTextLayout>
#include <QToolTip>

#include <algorithm>
#include <cmath>

#include "kit/colours.h"
#include "kit/controls.h"

namespace dubito::kit {
namespace {

struct Term {
    const char* name;
    const char* sentence;
};

constexpr Term kTerms[] = {
    {"GGUF",
        QT_TRANSLATE_NOOP("Terms", "One file that holds a language model: its weights, tokenizer and chat template.")},
    {"Q4_K", QT_TRANSLATE_NOOP("Terms",
                 "A way to store weights in about 4.5 bits each: blocks of 256 share scales, and rounding them costs "
                 "little quality.")},
    {"quantisation", QT_TRANSLATE_NOOP("Terms",
                         "Storing weights in fewer bits than they were trained in: smaller and faster, and slightly "
                         "different answers.")},
    {"KL", QT_TRANSLATE_NOOP("Terms",
               "Kullback-Leibler divergence: how far one distribution is from another, in nats; 0 only when they are "
               "equal.")},
    {"logit lens", QT_TRANSLATE_NOOP("Terms",
                       "The last step of the model applied to a middle layer: what it would say if it stopped there.")},
    {"tuned lens",
        QT_TRANSLATE_NOOP("Terms",
            "A logit lens with a small learned correction for each layer, so that middle layers read more truly.")},
    {"entropy",
        QT_TRANSLATE_NOOP("Terms",
            "How open the choice of the next token is: 0 nats when one token is certain, more when many are likely.")},
    {"nat", QT_TRANSLATE_NOOP("Terms", "The unit of information to base e; one nat is 1.44 bits.")},
    {"logprob", QT_TRANSLATE_NOOP("Terms",
                    "The natural logarithm of a token's probability: 0 is certain, -0.7 is one half, -4.6 is one in a "
                    "hundred.")},
    {"logit",
        QT_TRANSLATE_NOOP("Terms",
            "The score of a token before scores are turned into probabilities; only differences between them matter.")},
    {"rank",
        QT_TRANSLATE_NOOP("Terms", "The place of a token when all are ordered by probability: 1 is the likeliest.")},
    {"LoRA", QT_TRANSLATE_NOOP("Terms",
                 "Fine-tuning that leaves the weights as they are and learns two thin matrices beside each of the "
                 "chosen ones.")},
    {"learning rate",
        QT_TRANSLATE_NOOP("Terms",
            "How far one step moves the weights along the gradient; too large diverges, too small never arrives.")},
    {"warm-up",
        QT_TRANSLATE_NOOP("Terms",
            "The first steps, in which the learning rate rises from zero, so that early gradients do no harm.")},
    {"gradient norm",
        QT_TRANSLATE_NOOP(
            "Terms", "The length of the whole gradient; a sudden rise is the first sign of a training that diverges.")},
    {"batch", QT_TRANSLATE_NOOP("Terms", "The examples that one step learns from together.")},
    {"epoch", QT_TRANSLATE_NOOP("Terms", "One pass through all training data.")},
    {"loss",
        QT_TRANSLATE_NOOP("Terms",
            "What training makes small: here the mean of minus the log-probability of the right tokens, in nats.")},
    {"held-out", QT_TRANSLATE_NOOP("Terms",
                     "Data that is never trained on; only its loss says whether what was learned carries over.")},
    {"mask",
        QT_TRANSLATE_NOOP("Terms", "Which tokens count in the loss: the question is read, the answer is learned.")},
    {"checkpoint",
        QT_TRANSLATE_NOOP("Terms", "The state of a run kept on disk, from which it can go on after it was stopped.")},
    {"temperature", QT_TRANSLATE_NOOP("Terms",
                        "What the logits are divided by before a token is drawn: 0 takes the likeliest, 1 draws as the "
                        "model says, more is wilder.")},
    {"top-k", QT_TRANSLATE_NOOP("Terms", "Only the k likeliest tokens may be drawn.")},
    {"top-p", QT_TRANSLATE_NOOP("Terms", "Only the likeliest tokens that together have probability p may be drawn.")},
    {"min-p",
        QT_TRANSLATE_NOOP("Terms", "Only tokens at least this fraction as likely as the likeliest one may be drawn.")},
    {"seed", QT_TRANSLATE_NOOP(
                 "Terms", "The number that all random draws follow from: equal settings and seed give equal results.")},
    {"token",
        QT_TRANSLATE_NOOP("Terms", "The piece of text a model reads and writes: a word, a part of one, or a sign.")},
    {"tokenizer", QT_TRANSLATE_NOOP("Terms",
                      "The table that cuts text into tokens and puts them together again; each model has its own.")},
    {"special token", QT_TRANSLATE_NOOP("Terms",
                          "A token that stands for no text, such as the start of a turn or the end of an answer.")},
    {"context", QT_TRANSLATE_NOOP("Terms", "The tokens a model sees at once; what no longer fits is not known to it.")},
    {"chat template",
        QT_TRANSLATE_NOOP(
            "Terms", "How turns are written as one text for the model, with the special tokens it was trained on.")},
    {"perplexity", QT_TRANSLATE_NOOP("Terms",
                       "e to the mean loss a token: as if the model chose among so many equally likely tokens.")},
    {"residual stream", QT_TRANSLATE_NOOP("Terms",
                            "The vector of each token that every layer reads and adds to, from embedding to answer.")},
    {"attention head", QT_TRANSLATE_NOOP("Terms",
                           "A part of a layer that decides from which earlier tokens a token takes information.")},
    {"embedding", QT_TRANSLATE_NOOP("Terms", "The vector that a token starts with before any layer.")},
    {"layer", QT_TRANSLATE_NOOP(
                  "Terms", "One of the equal blocks of attention and MLP that the residual stream passes through.")},
    {"attribution",
        QT_TRANSLATE_NOOP(
            "Terms", "Which earlier tokens a prediction depends on, by how the result changes with their embeddings.")},
    {"ablation",
        QT_TRANSLATE_NOOP("Terms",
            "Taking one part's output away and looking at what becomes of the answer: the test of what it is for.")},
    {"patching",
        QT_TRANSLATE_NOOP("Terms",
            "Putting an activation from one run into another; where that moves the answer, the difference sits.")},
    {"posterior", QT_TRANSLATE_NOOP(
                      "Terms", "What is believed after the data: the prior times how well each value explains them.")},
    {"confidence interval",
        QT_TRANSLATE_NOOP(
            "Terms", "A range made so that, over many repetitions, 95 of 100 such ranges hold the true value.")},
    {"exponential smoothing",
        QT_TRANSLATE_NOOP(
            "Terms", "Each point is mixed with what was smoothed before it; 0.9 keeps nine tenths of the past.")},
    {"SHA-256", QT_TRANSLATE_NOOP("Terms",
                    "A fingerprint of a file: equal files have equal ones, and no two different files are known to "
                    "share one.")},
};

constexpr const char* kCard = "termCard";

/// Shows the card for the pointer and for F1, and draws the line below a label's word.
class Explainer : public QObject {
public:
    using QObject::QObject;
    static Explainer* instance() {
        static QPointer<Explainer> one;
        if (!one) one = new Explainer(QCoreApplication::instance());
        return one;
    }
    bool eventFilter(QObject* watched, QEvent* event) override {
        auto* widget = static_cast<QWidget*>(watched);
        switch (event->type()) {
            case QEvent::ToolTip: show(*widget, static_cast<QHelpEvent*>(event)->globalPos()); return true;
            // Before a shortcut of the window takes the key.
            case QEvent::ShortcutOverride:
                if (static_cast<QKeyEvent*>(event)->key() != Qt::Key_F1) return false;
                event->accept();
                return true;
            case QEvent::KeyPress:
                if (static_cast<QKeyEvent*>(event)->key() != Qt::Key_F1) return false;
                show(*widget, widget->mapToGlobal(QPoint(0, widget->height() / 2)));
                return true;
            case QEvent::Paint: {
                auto* label = qobject_cast<QLabel*>(widget);
                if (!label) return false;
                watched->event(event);
                drawLine(*label);
                return true;
            }
            default: return false;
        }
    }

private:
    static void show(QWidget& widget, QPoint at) {
        const QString own = widget.toolTip(), card = widget.property(kCard).toString();
        const QString plain = plainToolTip(card);
        QToolTip::showText(at, own.isEmpty() ? plain : plain + (Qt::mightBeRichText(own) ? own : plainToolTip(own)),
            &widget, {}, kCardMs);
    }
    static void drawLine(QLabel& label) {
        const QFontMetrics metrics = label.fontMetrics();
        const QRect room = label.contentsRect();
        const bool wraps = label.wordWrap();
        const QString text = wraps ? label.text() : metrics.elidedText(label.text(), Qt::ElideRight, room.width());
        const int flags = static_cast<int>(label.alignment()) | (wraps ? static_cast<int>(Qt::TextWordWrap) : 0);
        const QRect place = label.style()->itemTextRect(metrics, room, flags, true, text);
        QPainter painter(&label);
        painter.setPen(QPen(palette().faint, 1, Qt::DotLine));
        // Below the descenders where there is room; each line of a text that wraps.
        const QVector<int> widths =
            wraps ? widthsOfLines(text, label.font(), room.width()) : QVector<int>{place.width()};
        for (int line = 0; line < widths.size(); ++line) {
            const int y = place.bottom() + 1 - static_cast<int>(widths.size() - 1 - line) * metrics.lineSpacing();
            painter.drawLine(place.left(), std::min(y, label.height() - 1), place.left() + widths[line] - 1,
                std::min(y, label.height() - 1));
        }
    }
    static QVector<int> widthsOfLines(const QString& text, const QFont& font, int width) {
        QVector<int> out;
        QTextLayout layout(text, font);
        layout.beginLayout();
        for (QTextLine line = layout.createLine(); line.isValid(); line = layout.createLine()) {
            line.setLineWidth(width);
            out << static_cast<int>(std::ceil(line.naturalTextWidth()));
        }
        layout.endLayout();
        return out;
    }
    static constexpr int kCardMs = 30'000;
};

/// The widget, and what has the focus when it is meant: a label's field, a choice's box.
QVector<QWidget*> wordsOf(QWidget* widget) {
    QVector<QWidget*> out{widget};
    if (const auto* choice = qobject_cast<LabelledChoice*>(widget)) {
        out << choice->box();
        for (auto* label : choice->findChildren<QLabel*>()) out << label;
    } else if (const auto* label = qobject_cast<QLabel*>(widget); label && label->buddy()) {
        out << label->buddy();
    }
    if (widget->focusProxy()) out << widget->focusProxy();
    return out;
}

}  // namespace

QString termSentence(const QString& term) {
    for (const Term& one : kTerms)
        if (term == QLatin1String(one.name)) return QCoreApplication::translate("Terms", one.sentence);
    return {};
}

QString termIn(const QString& title) {
    const auto words = [](const QString& text) {
        return QLatin1Char(' ') + text.toLower().replace(QLatin1Char('-'), QLatin1Char(' ')) + QLatin1Char(' ');
    };
    QString found;
    qsizetype where = -1;
    for (const Term& one : kTerms) {
        const QString name = QString::fromLatin1(one.name);
        const qsizetype at = words(title).indexOf(words(name));
        if (at < 0 || name.size() < found.size() || (name.size() == found.size() && at > where)) continue;
        found = name;
        where = at;
    }
    return found;
}

void explain(QWidget* widget, const QString& term) {
    const QString sentence = termSentence(term);
    if (sentence.isEmpty()) return;
    for (QWidget* one : wordsOf(widget)) {
        one->setProperty(kCard, sentence);
        if (one->accessibleDescription().isEmpty()) one->setAccessibleDescription(sentence);
        one->removeEventFilter(Explainer::instance());
        one->installEventFilter(Explainer::instance());
        one->update();
    }
}

}  // namespace dubito::kit
