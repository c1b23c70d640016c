// A plugin's schema as editors, with unit, default mark and error under the field.
#pragma once

#include <QWidget>
#include <functional>
#include <vector>

#include "base/json.h"

class QLabel;
class QVBoxLayout;

namespace dubito::app {

class ParamForm : public QWidget {
    Q_OBJECT
public:
    explicit ParamForm(QWidget* parent = nullptr);
    void setSchema(const Json& schema, const Json& values);
    Json values() const;  ///< nested object of everything that is set
    /// Shows an error of applySchema under its field and brings it into view.
    void showError(const QString& sentence);
    void setAdvancedShown(bool shown);

Q_SIGNALS:
    void edited();

private:
    struct Field {
        std::string path;
        Json defaultValue;
        std::function<Json()> read;
        QLabel *mark, *error;
        QWidget *row, *editor;
        bool advanced = false;
    };
    void addField(QVBoxLayout* column, const struct LeafView& leaf);
    void update(bool notify);
    std::vector<Field> m_fields;
    QVBoxLayout* m_column;
    QWidget* m_inside = nullptr;
    bool m_advanced = false;
};

}  // namespace dubito::app
