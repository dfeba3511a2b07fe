namespace Orleans.Invocation;

/// <summary>Turns what a grain method returns into a task of an object, and that task into what a reference returns.</summary>
internal abstract class ResultShape
{
    /// <summary>Type of the result, or <see langword="null"/> when there is none.</summary>
    internal abstract Type? ResultType { get; }

    /// <summary>The shape of a return type, or <see langword="null"/> when grains may not return it.</summary>
    internal static ResultShape? Of(Type returnType)
    {
        if (returnType == typeof(Task))
        {
            return new TaskShape();
        }

        if (returnType == typeof(ValueTask))
        {
            return new ValueTaskShape();
        }

        if (!returnType.IsConstructedGenericType)
        {
            return null;
        }

        Type definition = returnType.GetGenericTypeDefinition();
        Type? shape = definition == typeof(Task<>) ? typeof(TaskShape<>) : definition == typeof(ValueTask<>) ? typeof(ValueTaskShape<>) : null;
        return shape is null ? null : (ResultShape)Activator.CreateInstance(shape.MakeGenericType(returnType.GetGenericArguments()))!;
    }

    internal abstract Task<object?> ToObject(object? returned);

    internal abstract object ToReturned(Task<object?> answer);

    private static Task NotNull(object? returned) =>
        returned as Task ?? throw new InvalidOperationException("A grain method returned null instead of a task.");

    private static async Task<T> Unbox<T>(Task<object?> answer) => (T)(await answer.ConfigureAwait(false))!;

    private sealed class TaskShape : ResultShape
    {
        internal override Type? ResultType => null;

        internal override async Task<object?> ToObject(object? returned)
        {
            await NotNull(returned).ConfigureAwait(false);
            return null;
        }

        internal override object ToReturned(Task<object?> answer) => answer;
    }

    private sealed class ValueTaskShape : ResultShape
    {
        internal override Type? ResultType => null;

        internal override async Task<object?> ToObject(object? returned)
        {
            await ((ValueTask)returned!).ConfigureAwait(false);
            return null;
        }

        internal override object ToReturned(Task<object?> answer) => new ValueTask(answer);
    }

    private sealed class TaskShape<T> : ResultShape
    {
        internal override Type? ResultType => typeof(T);

        internal override async Task<object?> ToObject(object? returned) => await ((Task<T>)NotNull(returned)).ConfigureAwait(false);

        internal override object ToReturned(Task<object?> answer) => Unbox<T>(answer);
    }

    private sealed class ValueTaskShape<T> : ResultShape
    {
        internal override Type? ResultType => typeof(T);

        internal override async Task<object?> ToObject(object? returned) => await ((ValueTask<T>)returned!).ConfigureAwait(false);

        internal override object ToReturned(Task<object?> answer) => new ValueTask<T>(Unbox<T>(answer));
    }
}
