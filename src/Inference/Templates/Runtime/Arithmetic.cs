namespace Winnow.Inference.Templates.Runtime;

/// <summary>The operators <c>+ - * / // % ** ~</c> and the signs.</summary>
internal static class Arithmetic
{
    /// <summary>Applies an operator.</summary>
    /// <exception cref="EvaluationException">The values do not go with it, or the result is too large.</exception>
    public static object? Apply(RenderBudget budget, string operation, object? left, object? right)
    {
        if (operation == "~")
        {
            return Concatenate(budget, ValueText.Of(budget, left), ValueText.Of(budget, right));
        }
        if (Numbers.TryGet(left, out double leftNumber) && Numbers.TryGet(right, out double rightNumber))
        {
            return left is double || right is double || operation == "/"
                ? ApplyToFloats(operation, leftNumber, rightNumber)
                : ApplyToIntegers(operation, Numbers.ToInteger(left), Numbers.ToInteger(right));
        }
        return (operation, left, right) switch
        {
            ("+", string leftText, string rightText) => Concatenate(budget, leftText, rightText),
            // Python refuses these two; @huggingface/jinja does not, and templates rely on it.
            ("+", string leftText, long or double) => Concatenate(budget, leftText, ValueText.Of(budget, right)),
            ("+", long or double, string rightText) => Concatenate(budget, ValueText.Of(budget, left), rightText),
            ("+", JinjaList leftList, JinjaList rightList) when leftList.IsTuple == rightList.IsTuple => Concatenate(budget, leftList, rightList),
            ("*", string text, long or bool) => Repeat(budget, text, Numbers.ToInteger(right)),
            ("*", long or bool, string text) => Repeat(budget, text, Numbers.ToInteger(left)),
            (_, Undefined undefined, _) => throw undefined.Error(),
            (_, _, Undefined undefined) => throw undefined.Error(),
            _ => throw new EvaluationException($"'{operation}' does not go with {TypeNames.Of(left)} and {TypeNames.Of(right)}"),
        };
    }

    /// <summary>A number with its sign changed or kept.</summary>
    /// <exception cref="EvaluationException">The value is no number.</exception>
    public static object Sign(bool negative, object? value) => value switch
    {
        double number => negative ? -number : number,
        long or bool => negative ? ApplyToIntegers("-", 0, Numbers.ToInteger(value)) : Numbers.ToInteger(value),
        Undefined undefined => throw undefined.Error(),
        _ => throw new EvaluationException($"a sign does not go with {TypeNames.Of(value)}"),
    };

    private static string Concatenate(RenderBudget budget, string left, string right)
    {
        budget.StepText((long)left.Length + right.Length);
        return string.Concat(left, right);
    }

    private static JinjaList Concatenate(RenderBudget budget, JinjaList left, JinjaList right)
    {
        budget.Step(left.Items.Count);
        budget.Step(right.Items.Count);
        return new JinjaList([.. left.Items, .. right.Items], left.IsTuple);
    }

    private static string Repeat(RenderBudget budget, string text, long times)
    {
        long count = text.Length == 0 ? 0 : Math.Max(0, times);
        budget.CheckLength(count);
        budget.StepText(count * text.Length);
        return string.Concat(Enumerable.Repeat(text, (int)count));
    }

    private static object ApplyToIntegers(string operation, long left, long right)
    {
        try
        {
            return operation switch
            {
                "+" => checked(left + right),
                "-" => checked(left - right),
                "*" => checked(left * right),
                "//" => FloorDivide(left, NonZero(right)),
                "%" => left - checked(FloorDivide(left, NonZero(right)) * right),
                _ => Power(left, right),
            };
        }
        catch (OverflowException)
        {
            throw new EvaluationException($"'{left} {operation} {right}' does not fit 64 bits");
        }
    }

    private static object ApplyToFloats(string operation, double left, double right) => operation switch
    {
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        "/" => left / NonZero(right),
        "//" => Math.Floor(left / NonZero(right)),
        "%" => left - (Math.Floor(left / NonZero(right)) * right),
        _ => Math.Pow(left, right),
    };

    private static long FloorDivide(long left, long right)
    {
        long quotient = checked(left / right);
        return left % right != 0 && left < 0 != right < 0 ? quotient - 1 : quotient;
    }

    private static object Power(long number, long exponent)
    {
        if (exponent < 0)
        {
            return Math.Pow(NonZero(number), exponent);
        }
        long result = 1;
        for (long left = exponent; left > 0 && number is not (0 or 1 or -1); left--)
        {
            result = checked(result * number);
        }
        return number switch { 0 => exponent == 0 ? 1L : 0L, 1 => 1L, -1 => exponent % 2 == 0 ? 1L : -1L, _ => result };
    }

    private static long NonZero(long value) => value != 0 ? value : throw new EvaluationException("division by zero");

    private static double NonZero(double value) => value != 0 ? value : throw new EvaluationException("division by zero");
}
