using System.Text;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Fuzz;

/// <summary>Damaged chat templates: those of public models, where they are, and some of our own.</summary>
internal sealed class TemplateCases
{
    private static readonly string[] Pieces =
    [
        "{{", "}}", "{%", "%}", "{#", "#}", "{%-", "-%}", "(", ")", "[", "]", "{", "}", "|", "~", ".", "'", "\"", "\\", "not ", " in ", " is ", " if ", " else ", "-", "**",
        "{% for m in messages %}", "{% endfor %}", "{% if x %}", "{% endif %}", "{% set x = x ~ x %}", "{% macro f(a) %}{{ f(a) }}{% endmacro %}{{ f(1) }}",
        "{% for i in range(1000000000) %}{% endfor %}", "{{ 'a' * 1000000000 }}", "{{ range(100000)|list|tojson }}", "{{ messages|tojson(indent=100000) }}", "{{ 10 ** 10000 }}",
        "{% set ns = namespace() %}{% set ns.a = ns %}{{ ns }}", "{{ raise_exception('no') }}", "{{ strftime_now('%Y%q') }}", "{{ messages[-99999999999] }}", "{{ 'x'.join(messages) }}",
        "{{ messages[0]['content'].split('') }}", "{{ ''.replace('', 'aaaa') }}", "{{ 1 / 0 }}", "{{ 5 % 0 }}", "{{ 9223372036854775807 + 1 }}", "{{ messages|map(attribute='role')|sort|unique|list }}",
        "{{ 'aaa'|replace('a', 'aaaaaaaaaaaaaaaa')|replace('a', 'aaaaaaaaaaaaaaaa') }}", "{{ x[::0] }}", "{{ 'abc'[::-1] }}", "{% break %}", "{% continue %}", "{% generation %}",
        "\u0000", "\uD800", "🐢", "{{ \"%s\" % 1 }}", "{{ 'a'|center(1000000000) }}", "{{ messages|batch(0) }}", "{{ 'x'|indent(1000000000) }}", "{{ [[]] * 100000000 }}",
    ];

    private readonly List<string> _templates =
    [
        "{% for message in messages %}<{{ message.role }}>{{ message.content }}\n{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}",
        "{%- set ns = namespace(n=0) -%}{%- for m in messages if m.role != 'system' -%}{%- set ns.n = ns.n + 1 -%}{{ ns.n ~ ': ' ~ m.content|trim|upper }}{%- endfor -%}{{ ns.n }}",
        "{%- macro show(m, tag='x') -%}[{{ tag }}]{{ m['content'] if m is mapping and 'content' in m else m|tojson }}{%- endmacro -%}{{ bos_token }}{% for m in messages[::-1] %}{{ show(m, loop.index0) }}{% else %}none{% endfor %}",
        "{{ (messages|length * 2 + 1) // 3 % 5 }}{{ messages|map(attribute='role')|join(', ') }}{{ tools is defined and tools|length > 0 }}{{ 'a,b'.split(',')[1:]|list }}",
    ];

    public TemplateCases()
    {
        if (SharedFolder.Root is { } root)
        {
            _templates.AddRange(Directory.EnumerateFiles(Path.Combine(root, "data", "templates"), "*", SearchOption.AllDirectories)
                .Where(path => Path.GetExtension(path) is ".jinja" or ".txt").Order(StringComparer.Ordinal).Select(File.ReadAllText));
        }
    }

    /// <summary>A damaged template.</summary>
    public string Make(Random random)
    {
        StringBuilder text = new(_templates[random.Next(_templates.Count)]);
        for (int changes = random.Next(2) == 0 ? 1 : random.Next(2, 6); changes > 0; changes--)
        {
            Change(text, random);
        }
        return text.ToString();
    }

    private void Change(StringBuilder text, Random random)
    {
        int at = random.Next(text.Length + 1);
        int length = Math.Min(text.Length - at, random.Next(1, 40));
        switch (random.Next(7))
        {
            case 0 or 1:
                text.Insert(at, Pieces[random.Next(Pieces.Length)]);
                break;
            case 2:
                text.Remove(at, length);
                break;
            case 3:
                text.Insert(random.Next(text.Length + 1), text.ToString(at, length));
                break;
            case 4 when at < text.Length:
                text[at] = (char)random.Next(32, 127);
                break;
            case 5:
                text.Insert(at, Pieces[random.Next(Pieces.Length)], random.Next(1, random.Next(20) == 0 ? 5000 : 8));
                break;
            default:
                string other = _templates[random.Next(_templates.Count)];
                int from = random.Next(other.Length);
                text.Insert(at, other.AsSpan(from, Math.Min(other.Length - from, random.Next(1, 100))));
                break;
        }
    }
}
