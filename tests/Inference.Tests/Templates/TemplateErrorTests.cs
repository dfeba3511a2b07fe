using Winnow.Inference.Templates;

namespace Winnow.Inference.Tests.Templates;

public sealed class TemplateErrorTests
{
    [Theory]
    [InlineData("a\n{% if %}", 2, "found '%}', expected an expression")]
    [InlineData("{% if true %}\n\n", 2, "found the end of the template, expected 'elif' or 'else' or 'endif'")]
    [InlineData("{% endif %}", 1, "there is no statement 'endif' that could begin here")]
    [InlineData("x\ny {{ a b }}", 2, "found 'b', expected '}}'")]
    [InlineData("{{ 'abc }}", 1, "a string is not closed")]
    [InlineData("\n{# c", 2, "a comment is not closed with '#}'")]
    [InlineData("{% raw %}x", 1, "'raw' is not closed with 'endraw'")]
    [InlineData("{{ 1 +", 1, "'{{' is not closed with '}}'")]
    [InlineData("{{ (1] }}", 1, "']' closes nothing that is open")]
    [InlineData("{{ 1 ? 2 }}", 1, "the character '?' has no meaning here")]
    [InlineData("{{ 1 | nope }}", 1, "there is no filter 'nope'")]
    [InlineData("{{ 1 is nope }}", 1, "there is no test 'nope'")]
    [InlineData("{{ 99999999999999999999 }}", 1, "the integer '99999999999999999999' does not fit 64 bits")]
    [InlineData("{% include 'x' %}", 1, "'include' is refused: a chat template stands alone")]
    [InlineData("{% break %}", 1, "'break' is outside of a loop")]
    [InlineData("{% for x in y %}{% macro m() %}{% break %}{% endmacro %}{% endfor %}", 1, "'break' is outside of a loop")]
    [InlineData("{% set true = 1 %}", 1, "'true' cannot be assigned to")]
    [InlineData("{% macro m(a, a) %}{% endmacro %}", 1, "the parameter 'a' is there twice")]
    [InlineData("{{ f(a=1, 2) }}", 1, "found '2', expected a named argument")]
    [InlineData("{{ '\\u12' }}", 1, "the escape '\\u' needs 4 hexadecimal digits of a code point")]
    public void Parse_Malformed_NamesLineAndReason(string template, int line, string reason)
    {
        TemplateException error = Assert.Throws<TemplateException>(() => ChatTemplate.Parse(template));

        Assert.Equal((line, reason), (error.Line, error.Reason));
        Assert.Equal($"Chat template, line {line}: {reason}.", error.Message);
    }

    [Theory]
    [InlineData("a\n{{ x.y }}", 2, "'x' is not defined")]
    [InlineData("{{ messages[7].role }}", 1, "'7' of a list is not defined")]
    [InlineData("{{ messages[0].nope.more }}", 1, "'nope' of a dict is not defined")]
    [InlineData("{% for m in messages %}\n\n{{ raise_exception('No ' ~ m.role) }}{% endfor %}", 3, "No user")]
    [InlineData("{{ 'a' + none }}", 1, "'+' does not go with a string and none")]
    [InlineData("{{ 1 // 0 }}", 1, "division by zero")]
    [InlineData("{{ 9223372036854775807 + 1 }}", 1, "'9223372036854775807 + 1' does not fit 64 bits")]
    [InlineData("{{ none < 1 }}", 1, "none and an integer cannot be ordered")]
    [InlineData("{{ [2, 'a'] | sort }}", 1, "an integer and a string cannot be ordered")]
    [InlineData("{% for x in 5 %}{% endfor %}", 1, "an integer cannot be iterated over")]
    [InlineData("{% set a, b = [1] %}", 1, "1 values cannot be assigned to 2 names")]
    [InlineData("{% set x.y = 1 %}", 1, "only a namespace's attributes can be set, not those of an undefined value")]
    [InlineData("{{ 'a'() }}", 1, "a string cannot be called")]
    [InlineData("{{ 'a'.upper(1) }}", 1, "'upper' takes at most 0 arguments, found 1")]
    [InlineData("{{ 'a'.replace('b') }}", 1, "'replace' needs the argument 'new'")]
    [InlineData("{{ 'a' | indent(depth=1) }}", 1, "'indent' has no parameter 'depth'")]
    [InlineData("{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}", 1, "macro 'm' takes at most 1 arguments, found 2")]
    [InlineData("{{ [].append(1) }}", 1, "'append' of a list is not defined")]
    [InlineData("{{ ''.__class__.__mro__ }}", 1, "'__class__' of a string is not defined")]
    [InlineData("{{ {[]: 1} }}", 1, "a dict key must be a string or an integer, not a list")]
    [InlineData("{{ range(1000000) }}", 1, "'range' gives at most 100000 numbers, asked for 1000000")]
    [InlineData("{{ range | tojson }}", 1, "a function has no JSON form")]
    public void Render_Failing_NamesLineAndReason(string template, int line, string reason)
    {
        TemplateException error = Assert.Throws<TemplateException>(() => TemplateSample.Render(template));

        Assert.Equal((line, reason), (error.Line, error.Reason));
    }

    [Fact]
    public void Message_ReasonOfSeveralLines_IsOneLine() =>
        Assert.Equal(
            "Chat template, line 1: a b.",
            Assert.Throws<TemplateException>(() => TemplateSample.Render(@"{{ raise_exception('a\nb.') }}")).Message);
}
