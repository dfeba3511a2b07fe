using Winnow.Inference.Templates;

namespace Winnow.Inference.Tests.Templates;

/// <summary>Templates are not trusted: whatever one does, rendering ends soon with a text or a <see cref="TemplateException"/>.</summary>
public sealed class TemplateLimitTests
{
    private static readonly TemplateLimits Small = new() { MaxSteps = 100_000, MaxCharacters = 100_000 };

    [Theory]
    [InlineData("{% for a in range(10000) %}{% for b in range(10000) %}{% endfor %}{% endfor %}", "steps")]
    [InlineData("{% for a in range(10000) %}{{ 'xxxxxxxxxxxxxxxxxxxx' }}{% endfor %}", "characters")]
    [InlineData("{{ 'x' * 1000000000 }}", "characters")]
    [InlineData("{{ 'x' * 9223372036854775807 }}", "characters")]
    [InlineData("{% set ns = namespace(s='x') %}{% for i in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}", "characters")]
    [InlineData("{% set ns = namespace(s=[1]) %}{% for i in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}", "steps")]
    [InlineData("{% set ns = namespace(s=[1]) %}{% for i in range(99) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s }}", "characters|steps|levels")]
    [InlineData("{% set ns = namespace(s=[1]) %}{% for i in range(99) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s | tojson }}", "characters|steps|levels")]
    [InlineData("{% set ns = namespace(s=[1], t=[1]) %}{% for i in range(50) %}{% set ns.s = [ns.s, ns.s] %}{% set ns.t = [ns.t, ns.t] %}{% endfor %}{{ ns.s == ns.t }}", "steps")]
    [InlineData("{% set ns = namespace(s=[]) %}{% for i in range(9000) %}{% set ns.s = [ns.s] %}{% endfor %}{{ ns.s }}", "levels")]
    [InlineData("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "levels")]
    [InlineData("{% set s = 'ab' * 40000 %}{% for i in range(10000) %}{% if 'zz' in s %}{% endif %}{% endfor %}", "steps")]
    [InlineData("{% set s = 'ab' * 40000 %}{% for i in range(10000) %}{% set c = s[i] %}{% endfor %}", "steps")]
    [InlineData("{{ ('a' * 9000).replace('', 'b' * 90000) }}", "characters")]
    [InlineData("{{ ('a\n' * 9000) | indent(90000) }}", "characters")]
    [InlineData("{{ range(9000) | join('b' * 90000) }}", "characters")]
    [InlineData("{{ 2 ** 9223372036854775807 }}", "64 bits")]
    [InlineData("{{ 'x' | indent(9223372036854775807) }}", "characters")]
    public void Render_Greedy_IsStopped(string template, string expected)
    {
        TemplateException error = Assert.Throws<TemplateException>(() => TemplateSample.Render(template, limits: Small));

        Assert.Contains(expected.Split('|'), word => error.Message.Contains(word, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{{ ", "(", "1", ")", " }}")]
    [InlineData("{{ ", "[", "1", "]", " }}")]
    [InlineData("{{ ", "not ", "1", "", " }}")]
    [InlineData("{{ ", "- ", "1", "", " }}")]
    [InlineData("{{ ", "1 if 1 else ", "1", "", " }}")]
    [InlineData("", "{% if 1 %}", "x", "{% endif %}", "")]
    [InlineData("{{ 1", " + 1", "", "", " }}")]
    [InlineData("{{ 1", " | abs", "", "", " }}")]
    [InlineData("{{ x", ".y", "", "", " }}")]
    [InlineData("{{ x", "()", "", "", " }}")]
    public void Parse_NestedWithoutEnd_GivesATextOrAnError(string start, string open, string middle, string close, string end)
    {
        const int Times = 20_000;
        string template = $"{start}{Repeat(open)}{middle}{Repeat(close)}{end}";

        Exception? error = Record.Exception(() => TemplateSample.Render(template));

        Assert.True(error is null or TemplateException, error?.ToString());

        static string Repeat(string text) => string.Concat(Enumerable.Repeat(text, Times));
    }

    [Fact]
    public void Render_Cancelled_Stops()
    {
        ChatTemplate sut = ChatTemplate.Parse("{% for a in range(10000) %}{% for b in range(10000) %}{% endfor %}{% endfor %}");

        Assert.Throws<OperationCanceledException>(() => { sut.Render(TemplateSample.Input(), cancellation: new CancellationToken(canceled: true)); });
    }

    [Fact]
    public void Render_DamagedTemplates_GiveATextOrAnError()
    {
        const string Whole = """
            {%- macro m(a, b=[1, 'x']) -%}{{ a | tojson(indent=2) }}{{ b[::-1] }}{%- endmacro -%}
            {% set ns = namespace(n=0) %}{# note #}{% raw %}{{ }}{% endraw %}
            {% for x in messages if x.role is defined %}{{ loop.index }}{{ m(x, b=(1, 2.5)) ~ x['content'] | trim }}{% set ns.n = ns.n + 1 %}{% else %}-{% endfor %}
            {% if ns.n >= 1 and not tools %}{{ {'k': "v\u00e9"}.items() | list }}{% elif ns.n in [1] %}b{% else %}{{ raise_exception('no') }}{% endif %}
            """;
        Random random = new(11);
        string symbols = "{}%#-+|.,:()[]'\"\\ \n~=<>!*/0aendif";
        for (int round = 0; round < 3000; round++)
        {
            char[] damaged = Whole.ToCharArray();
            for (int changes = random.Next(1, 6); changes > 0; changes--)
            {
                damaged[random.Next(damaged.Length)] = symbols[random.Next(symbols.Length)];
            }
            string template = new string(damaged)[..random.Next(damaged.Length / 2, damaged.Length)];
            Exception? error = Record.Exception(() => TemplateSample.Render(template, limits: Small));
            Assert.True(error is null or TemplateException, $"{template}\n{error}");
        }
    }
}
